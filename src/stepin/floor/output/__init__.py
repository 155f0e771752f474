"""What a run leaves behind: facts, events, and the plan that a report needs."""
