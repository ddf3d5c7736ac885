"""What builds the course from its sources: `build`, `lint`, `stills`, and the command `ising-course` over them."""
