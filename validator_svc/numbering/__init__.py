"""The numbering plan: what it knows of a number, out of the metadata of `phonenumbers`. It does no I/O.

`compile` makes the plan's one file (`plan_file` has its layout), in which the kernel walks; `reference`
says the same by `phonenumbers` itself, slowly, and is what the kernel is tested against. `reading` has the
rules by which a text is taken for a number, `facts` the words for what is known of one.
"""
