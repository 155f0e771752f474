"""`stepin judge`: fitting, scoring and reporting on detectors."""
