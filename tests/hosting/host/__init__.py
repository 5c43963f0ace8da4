"""`make host-test`: the release on a shared host in a box, Apache with Passenger and then CGI, walked from set-up to money."""
