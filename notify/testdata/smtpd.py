"""A mail server that wants STARTTLS and a password, for one test: its
arguments are port, certificate, key and folder of the mails it took."""
import asyncio, email, email.policy, pathlib, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

port, cert, key, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])


class Handler:
    taken = 0

    async def handle_DATA(self, server, session, envelope):
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = m.get_body(("plain",)).get_content()
        page = m.get_body(("html",)).get_content()
        lines = [str(m["subject"]).strip(), str(m["message-id"]), str(session.ssl is not None), ",".join(envelope.rcpt_tos), str(len(m.defects)), text, page]
        self.taken += 1
        part = folder / "part"
        part.write_text("\n".join(lines), encoding="utf-8")
        part.rename(folder / f"mail{self.taken}")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"gengfu" and data.password == b"right horse"
    return AuthResult(success=right, handled=right)  # unhandled is refused with 535


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    handler = Handler()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", tls_context=tls, require_starttls=True, auth_required=True, authenticator=authenticate, enable_SMTPUTF8=True),
        "127.0.0.1", port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
