"""What the stages hand on to one another: frozen values, and nothing that looks or acts."""
