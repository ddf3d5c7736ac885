"""What a lesson runs beside the physics: checks, the quiz, the log of predictions, a look at the installation."""
