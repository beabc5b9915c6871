"""The audit of all logs: a pure fold, one room for each family of checks."""

from federation.umbrella.audit.fold import LAG_S, Audit, decision_signed
from federation.umbrella.audit.positions import Flow, LineReport
from federation.umbrella.audit.records import State

__all__ = ["LAG_S", "Audit", "Flow", "LineReport", "State", "decision_signed"]
