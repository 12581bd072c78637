/**
 * How a listener works. Not for users: anything here may change.
 *
 * <p>The way of one message: {@link io.multisqs.internal.QueuePoller} receives it and stamps its
 * place in the order ({@link io.multisqs.internal.Ranking}) and its {@link
 * io.multisqs.internal.Lease}; it waits in its {@link io.multisqs.internal.EventBus}; the {@link
 * io.multisqs.internal.EventLoop} takes the best one that may start ({@link
 * io.multisqs.internal.Choice}); {@link io.multisqs.internal.MessageTask} runs it; {@link
 * io.multisqs.internal.Acknowledger} deletes it, or {@link io.multisqs.internal.Failures} decides
 * what becomes of it; {@link io.multisqs.internal.LeaseKeeper} keeps it invisible all the while.
 * What all of them share, and its one lock, is the {@link io.multisqs.internal.Board}.
 *
 * <p>Numbers such as I7 cite the promises in {@code lib/docs/INVARIANTS.md}. Threads and locks are
 * described in {@code lib/docs/CONCURRENCY.md}.
 */
@NullMarked
package io.multisqs.internal;

import org.jspecify.annotations.NullMarked;
