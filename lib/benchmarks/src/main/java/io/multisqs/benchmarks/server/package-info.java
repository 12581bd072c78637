/**
 * A server that speaks as much of SQS's JSON protocol as listeners need, built to be measured
 * against: one thread, no framework, its own CPU printed beside the client's.
 *
 * <p>The way of one request: {@link io.multisqs.benchmarks.server.WireLoop} reads bytes into a
 * {@link io.multisqs.benchmarks.server.WireConnection}, which finds the HTTP request in them; after
 * half the injected round trip {@link io.multisqs.benchmarks.server.WireActions} has its effect on
 * a {@link io.multisqs.benchmarks.server.WireQueue}; after the other half the answer is written.
 * {@link io.multisqs.benchmarks.server.WireSqs} is the door for everyone else.
 *
 * <p>What it is not: it does not check signatures, keep FIFO order, move messages to dead-letter
 * queues, or carry message attributes. It uses nothing beyond the JDK.
 */
@NullMarked
package io.multisqs.benchmarks.server;

import org.jspecify.annotations.NullMarked;
