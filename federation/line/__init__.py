"""The settlement protocol between two groups: conversion, state machine. Pure."""
