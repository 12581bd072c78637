/**
 * A queue of its own for every instance of a pool, subscribed to a shared SNS topic, so that one
 * published message reaches every instance.
 *
 * <p>{@link io.multisqs.broadcast.BroadcastQueue#subscribe} creates the queue and subscribes it,
 * {@link io.multisqs.broadcast.BroadcastQueue#config()} is listened to beside the work queues, and
 * {@link io.multisqs.broadcast.BroadcastQueue#close()} takes both away again. An instance that died
 * leaves its queue behind, with a lease that runs out: {@link
 * io.multisqs.broadcast.Broadcast#sweep} removes it.
 *
 * <p>Needs {@code software.amazon.awssdk:sns} and {@code software.amazon.awssdk:iam-policy-builder}
 * on the class path, which the library itself does not bring.
 */
@NullMarked
package io.multisqs.broadcast;

import org.jspecify.annotations.NullMarked;
