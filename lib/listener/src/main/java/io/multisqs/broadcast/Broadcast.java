package io.multisqs.broadcast;

import java.time.Duration;
import java.time.InstantSource;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Clears away the broadcast queues of instances that died.
 *
 * <p>A queue is removed, with its subscription, only if this library made it for that prefix, its
 * lease ran out long enough ago, and none of its messages is in flight. Every instance of a pool
 * may sweep, all at once as well: what another one has removed already is reported as gone.
 */
public final class Broadcast {
  private Broadcast() {}

  /**
   * Removes the queues that dead instances left behind.
   *
   * @param prefix the pool's, as in {@link BroadcastOptions#builder}
   * @param olderThan how long ago the lease must have run out, 0 s … 14 days; more than the clocks
   *     of the machines differ by
   * @param sqs a client in the queues' region
   * @param sns a client in the topic's region
   * @return what became of each queue with this prefix; a queue at which something failed is in it,
   *     and does not end the sweep
   * @throws software.amazon.awssdk.core.exception.SdkException if the queues cannot be listed
   */
  public static SweepResult sweep(String prefix, Duration olderThan, SqsClient sqs, SnsClient sns) {
    return sweep(prefix, olderThan, sqs, sns, false, InstantSource.system());
  }

  /**
   * Says what {@link #sweep} would do, and does nothing.
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
    return sweep(prefix, olderThan, sqs, sns, true, InstantSource.system());
  }

  static SweepResult sweep(
      String prefix,
      Duration olderThan,
      SqsClient sqs,
      SnsClient sns,
      boolean dry,
      InstantSource clock) {
    Rules.between("olderThan", olderThan, Duration.ZERO, Duration.ofDays(14));
    String checked = BroadcastOptions.builder(prefix).build().prefix();
    return new Sweep(checked, olderThan, sqs, new TopicSubscriptions(sns), dry, clock).run();
  }
}
