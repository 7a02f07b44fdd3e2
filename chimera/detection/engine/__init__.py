"""The streaming engine under the ensemble: what is remembered of a series, and each signal of it.

Everything here works on one series at a time, in compiled code, so that a block costs the same in
one piece, point by point, or spread over machines. `stream.py` is the loop; the other files hold
one idea each.
"""
