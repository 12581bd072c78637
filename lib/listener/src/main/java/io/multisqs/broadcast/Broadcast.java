package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Clears away the broadcast queues of instances that died.
 *
 * <p>A queue is removed, with its subscription, only if this library made it for that prefix, its
 * lease ran out long enough ago, and none of its messages is in flight. Somebody who polls it
 * without receiving anything cannot be seen. Every instance of a pool may sweep, all at once as
 * well: what another one has removed already is reported as gone.
 *
 * <p>A sweep looks at ten queues a second, and stops looking where SQS or SNS throttles. The time
 * is that of this machine's clock or that of SQS's, whichever is the earlier.
 */
public final class Broadcast {
  private Broadcast() {}

  /**
   * Removes the queues that dead instances left behind, with clients of the default region and
   * credentials.
   *
   * @param prefix the pool's, as in {@link BroadcastOptions#builder}
   * @param olderThan how long ago the lease must have run out, 0 s … 14 days
   * @return as {@link #sweep(String, Duration, SqsClient, SnsClient)}
   * @throws software.amazon.awssdk.core.exception.SdkException if the queues cannot be listed
   */
  public static SweepResult sweep(String prefix, Duration olderThan) {
    try (SqsClient sqs = SqsClient.create();
        SnsClient sns = SnsClient.create()) {
      return sweep(prefix, olderThan, sqs, sns);
    }
  }

  /**
   * Removes the queues that dead instances left behind.
   *
   * @param prefix the pool's, as in {@link BroadcastOptions#builder}
   * @param olderThan how long ago the lease must have run out, 0 s … 14 days; zero does, unless the
   *     living may be without SQS for longer than a lease
   * @param sqs a client in the queues' region
   * @param sns a client in the topic's region
   * @return what became of each queue with this prefix; a queue at which something failed is in it,
   *     and does not end the sweep
   * @throws software.amazon.awssdk.core.exception.SdkException if the queues cannot be listed
   */
  public static SweepResult sweep(String prefix, Duration olderThan, SqsClient sqs, SnsClient sns) {
    return sweep(prefix, olderThan, sqs, sns, false, ListenerClock.SYSTEM);
  }

  /**
   * Logs and returns what {@link #sweep(String, Duration)} would do, and does nothing.
   *
   * @param prefix as for a sweep
   * @param olderThan as for a sweep
   * @return as {@link #dryRun(String, Duration, SqsClient, SnsClient)}
   * @throws software.amazon.awssdk.core.exception.SdkException if the queues cannot be listed
   */
  public static SweepResult dryRun(String prefix, Duration olderThan) {
    try (SqsClient sqs = SqsClient.create();
        SnsClient sns = SnsClient.create()) {
      return dryRun(prefix, olderThan, sqs, sns);
    }
  }

  /**
   * Logs and returns what {@link #sweep(String, Duration, SqsClient, SnsClient)} would do, and does
   * nothing.
   *
   * @param prefix as for a sweep
   * @param olderThan as for a sweep
   * @param sqs as for a sweep
   * @param sns as for a sweep
   * @return what would become of each queue with this prefix; printed, it is readable
   * @throws software.amazon.awssdk.core.exception.SdkException if the queues cannot be listed
   */
  public static SweepResult dryRun(
      String prefix, Duration olderThan, SqsClient sqs, SnsClient sns) {
    return sweep(prefix, olderThan, sqs, sns, true, ListenerClock.SYSTEM);
  }

  static SweepResult sweep(
      String prefix,
      Duration olderThan,
      SqsClient sqs,
      SnsClient sns,
      boolean dry,
      ListenerClock clock) {
    Rules.between("olderThan", olderThan, Duration.ZERO, Duration.ofDays(14));
    String checked = BroadcastOptions.builder(prefix).build().prefix();
    return new Sweep(checked, olderThan, sqs, new TopicSubscriptions(sns), dry, clock).run();
  }
}
