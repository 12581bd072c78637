package io.multisqs.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The right to make one receive.
 *
 * @param lane the queue
 * @param messages how many to ask for: the credits taken for it
 * @param bytes what of the byte budget was taken for it
 * @param askedAt when it was given
 * @param standsFor how long SQS may wait for a message before it answers
 * @param attemptId on a FIFO queue the receive request attempt id, else null
 */
record Grant(
    Lane lane,
    int messages,
    long bytes,
    long askedAt,
    Duration standsFor,
    @Nullable String attemptId) {}
