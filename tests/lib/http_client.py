"""A small HTTP client of the tests: one kept connection per session, cookies, raw answers.

Plain http.client would do, but tests need to see a refused connection, a cut answer and a 503 while
the server is being killed as three different things.
"""
import http.client
import json
import time
import uuid


class NoAnswer(Exception):
    """The server did not answer: whether it did the work is unknown."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def code(self):
        try:
            return self.json.get("code")
        except (ValueError, AttributeError):
            return None

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One browser or program: keeps its cookie, speaks to one server."""

    def __init__(self, address, timeout=30.0):
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self.timeout = timeout
        self.cookie = None
        self.bearer = None
        self.language = "zh-CN"
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def default_headers(self, method):
        headers = {"Accept-Language": self.language}
        if self.bearer:
            headers["Authorization"] = "Bearer " + self.bearer
        elif self.cookie:
            headers["Cookie"] = self.cookie
        if method not in ("GET", "HEAD") and not self.bearer:
            headers["X-Anlan-Request"] = "1"
        return headers

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes, or anything else as JSON. A header of None is not sent."""
        send = self.default_headers(method)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            send["Content-Type"] = "application/json"
        for name, value in (headers or {}).items():
            for known in list(send):
                if known.lower() == name.lower():
                    del send[known]
            if value is not None:
                send[name] = value
        # A kept connection may have been closed by the server while idle: that is no failure of
        # the request, so one repetition on a new connection is right, but only when the old one
        # gave nothing at all and the method is safe to repeat.
        for attempt in (0, 1):
            fresh = self._connection is None
            try:
                if fresh:
                    self._connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                self._connection.request(method, path, body=body, headers=send)
                reply = self._connection.getresponse()
                data = reply.read()
                break
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 0 and not fresh and method in ("GET", "HEAD"):
                    continue
                raise NoAnswer(f"{method} {path}: {error!r}") from error
        answer_headers = {}
        for name, value in reply.getheaders():
            key = name.lower()
            answer_headers[key] = answer_headers[key] + ", " + value if key in answer_headers else value
        cookie = answer_headers.get("set-cookie")
        if cookie and "anlan_session=" in cookie:
            first = cookie.split(";", 1)[0]
            self.cookie = None if first.endswith("=") else first
        if reply.will_close or answer_headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(reply.status, answer_headers, data)

    def upload(self, path, name, data, content_type="image/png"):
        boundary = uuid.uuid4().hex
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                f"Content-Type: {content_type}\r\n\r\n").encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self.request("POST", path, body,
                            {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def sign_in(self, account, password):
        self.cookie = None
        return self.request("POST", "/api/v1/session", {"account": account, "password": password})


def wait_for(condition, seconds, what):
    """Polls `condition` until it is true; raises with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
