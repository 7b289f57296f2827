"""What came of a series: the look at its result, scores, the decision, and recalls.

`spans` says when the result is looked at, `following` keeps the task about it true,
`reviews` books the visit with its series and moves it along, `scoring` and `deciding`
write a clinician's word, `listing` and `showing` are what the pages show, and
`recalls` and `asked` are about patients who are written to again.
"""
