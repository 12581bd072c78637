package io.multisqs;

/**
 * A verdict on a listener for a probe, and why.
 *
 * @param up whether all is well
 * @param reason in words, for people and logs: what is wrong, or what the listener is doing
 */
public record Health(boolean up, String reason) {}
