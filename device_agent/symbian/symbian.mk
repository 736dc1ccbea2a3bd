# The layer of a real phone, checked against headers that are not part of this project. Included by the Makefile.
.PHONY: symbian-check

# make symbian-check HEADERS='.../epoc32/include .../inc' DEFS=.../def
symbian-check: $(STAMP)
	$(PYTHON) -m device_agent.symbian.check $(HEADERS) $(if $(DEFS),--defs $(DEFS))
