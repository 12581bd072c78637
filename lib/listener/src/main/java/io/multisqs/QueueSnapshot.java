package io.multisqs;

import java.time.Duration;
import java.util.Optional;

/**
 * One queue of a {@link ListenerSnapshot}.
 *
 * @param queue its name
 * @param configuredAs its name, URL or ARN, as in its {@link SqsListenerConfig}
 * @param bus the bus it feeds
 * @param priority its priority now
 * @param status why it is or is not being served
 * @param waiting messages here that have not started
 * @param running messages in a handler
 * @param deleting messages handled, whose delete is not confirmed
 * @param receivesUnderWay receives outstanding
 * @param received messages received since the start
 * @param handled messages whose handler returned
 * @param failed messages whose handler threw
 * @param hot whether a message is still expected at once, so that lower work waits
 * @param lastSuccessfulPoll how long ago a receive last succeeded; empty before the first. A long
 *     poll that is outstanding counts from its answer, so up to 20 s is healthy
 */
public record QueueSnapshot(
    String queue,
    String configuredAs,
    String bus,
    int priority,
    QueueStatus status,
    int waiting,
    int running,
    int deleting,
    int receivesUnderWay,
    long received,
    long handled,
    long failed,
    boolean hot,
    Optional<Duration> lastSuccessfulPoll) {}
