/**
 * A multi-queue, strict-priority listener framework for Amazon SQS.
 *
 * <p>Name the queues with {@link io.multisqs.SqsListenerConfig}, subclass {@link
 * io.multisqs.MultiSqsListener}, and call {@link io.multisqs.MultiSqsListener#listen()}. The way of
 * one message:
 *
 * <pre>
 * SQS
 *  │  ReceiveMessage, at most 10 at a time       one poller thread a queue, more when it is deep
 *  ▼
 * stamped with its place in the order, leased    {@link io.multisqs.PriorityPolicy}
 *  ▼
 * its bus, a priority queue                      FIFO groups hand in only their head
 *  ▼
 * the main event loop takes the best message that may start, at the moment when a slot is free
 *  ▼
 * interceptors → handleMessage                   {@link io.multisqs.MessageInterceptor}
 *  ├─ returns → DeleteMessageBatch               {@link io.multisqs.Deletes}
 *  └─ throws  → retried, discarded, or dead-lettered   {@link io.multisqs.RetryPolicy}
 *
 * all the while the visibility of what waits, runs, or awaits its delete is extended
 * </pre>
 *
 * <p>What a listener promises, I1 to I20, is in {@code lib/docs/INVARIANTS.md}.
 */
@NullMarked
package io.multisqs;

import org.jspecify.annotations.NullMarked;
