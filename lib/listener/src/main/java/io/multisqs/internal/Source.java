package io.multisqs.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A queue as SQS described it at the start.
 *
 * @param url what every call names it by
 * @param arn its ARN
 * @param region where its client connects to
 * @param gateway the calls to it
 * @param visibility for how long a receive hides a message
 * @param maxMessageBytes the largest message that it takes
 * @param deadLetterArn the dead-letter queue of its redrive policy, or null
 * @param maxReceiveCount after how many receives SQS moves a message there; 0 if never
 */
record Source(
    String url,
    String arn,
    String region,
    SqsGateway gateway,
    Duration visibility,
    int maxMessageBytes,
    @Nullable String deadLetterArn,
    int maxReceiveCount) {

  /** What is the same for queues whose calls go the same way, and so take about the same time. */
  Object way() {
    return gateway.client();
  }

  /** Whether a message that is given back, though it never started, is dead-lettered for that. */
  boolean allowsOneReceive() {
    return maxReceiveCount == 1;
  }
}
