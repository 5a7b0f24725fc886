"""A worker's round of sending in a process of its own, to be killed: `python -m tests.mail.worker_that_sends`."""

import django

django.setup()

if __name__ == "__main__":
    from marquee.mail import sending
    from tests.mail import contents

    vars(sending)["compose"] = contents.compose
    print(sending.send_due_mails())
