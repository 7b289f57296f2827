"""Find the few holds among very many claims."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0003_hold_wishes")]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("why", "hold")),
                fields=["resource"],
                name="claim_held",
            ),
        ),
    ]
