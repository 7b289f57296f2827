"""What a clinician has before them at a review, beyond the plan itself."""
