"""The pages, a module for each place of the menu; `federation.web.app` lists them."""
