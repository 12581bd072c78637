package io.multisqs.samples.broadcast;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.broadcast.BroadcastOptions;
import io.multisqs.broadcast.BroadcastQueue;
import io.multisqs.testkit.LocalSqs;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * One instance of the pool, a process of its own: it works on the queue that all share, and does
 * what it is told on the queue that is its alone.
 *
 * <p>Arguments: its name, the endpoints of SQS and SNS, the topic's ARN, the work queue's name.
 */
final class Instance extends MultiSqsListener {
  private static final String WORK_BUS = "work-bus";

  private final String name;
  private volatile boolean paused;

  private Instance(String name, List<SqsListenerConfig> queues, ListenerOptions options) {
    super(queues, options);
    this.name = name;
  }

  /**
   * Runs until SIGTERM.
   *
   * @param args see above
   */
  public static void main(String[] args) {
    String name = args[0];
    // On AWS neither client is needed: without them, BroadcastQueue and the listener make their
    // own.
    SqsClient sqs =
        SqsClient.builder()
            .endpointOverride(URI.create(args[1]))
            .region(LocalSqs.REGION)
            .credentialsProvider(LocalSqs.credentials())
            .build();
    SnsClient sns =
        SnsClient.builder()
            .endpointOverride(URI.create(args[2]))
            .region(LocalSqs.REGION)
            .credentialsProvider(LocalSqs.credentials())
            .build();
    BroadcastOptions broadcast =
        BroadcastOptions.builder(Main.PREFIX)
            .instance(name)
            .sqsClient(sqs)
            .snsClient(sns)
            // Short, so that this sample need not wait long; see the defaults. What the killed
            // one was about to delete stays in flight for the visibility timeout.
            .lease(Main.LEASE)
            .visibilityTimeout(Duration.ofSeconds(5))
            .settle(Duration.ZERO, Duration.ZERO)
            .emptyFor(Duration.ZERO)
            .build();
    Polling poll = Polling.longPoll(Duration.ofSeconds(1));
    try (BroadcastQueue own = BroadcastQueue.subscribe(args[3], broadcast)) {
      Instance instance =
          new Instance(
              name,
              List.of(
                  SqsListenerConfig.builder(args[4]).bus(WORK_BUS).polling(poll).build(),
                  own.config().toBuilder().polling(poll).build()),
              ListenerOptions.builder()
                  .sqsClient(sqs)
                  .region(LocalSqs.REGION.id())
                  // One slot for work; the other is kept for commands.
                  .concurrency(2)
                  .busOptions(own.config().bus(), 1, 1)
                  .build());
      own.stopOnShutdown(instance, Duration.ofSeconds(10));
      instance.say("listens to " + own.queueName());
      instance.listen();
    }
  }

  @Override
  protected void handleMessage(String queue, String bus, int priority, ReceivedMessage message)
      throws InterruptedException {
    if (bus.equals(WORK_BUS)) {
      say("works on " + message.body());
      Thread.sleep(Main.JOB.toMillis());
      return;
    }
    switch (message.body()) {
      case "pause" -> {
        paused = true;
        pauseBus(WORK_BUS);
      }
      case "resume" -> {
        paused = false;
        resumeBus(WORK_BUS);
      }
      default -> {}
    }
    say("hears " + message.body() + (paused ? " and rests" : ""));
  }

  private void say(String what) {
    System.out.println(name + " " + what);
  }
}
