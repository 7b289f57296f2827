from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_holds_moves_outages"),
    ]

    operations = [
        migrations.AddField(
            model_name="serieshold",
            name="wishes",
            field=models.TextField(
                blank=True, default="", max_length=1000, verbose_name="what was asked for"
            ),
            preserve_default=False,
        ),
    ]
