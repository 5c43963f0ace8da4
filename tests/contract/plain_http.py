"""httpx without certificates: nothing here is TLS, and reading them costs 17 ms a client, most of a short test."""

import ssl
from functools import partial

import httpx

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Client = partial(httpx.Client, verify=NO_CERTIFICATES)
get = partial(httpx.get, verify=NO_CERTIFICATES)
post = partial(httpx.post, verify=NO_CERTIFICATES)
delete = partial(httpx.delete, verify=NO_CERTIFICATES)
