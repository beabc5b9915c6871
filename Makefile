# The same commands as `python3 dev.py`, for those who are used to make.
.PHONY: demo test check bench
demo test check bench:
	python3 dev.py $@
