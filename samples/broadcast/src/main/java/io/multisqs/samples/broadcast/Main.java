package io.multisqs.samples.broadcast;

import io.multisqs.broadcast.Broadcast;
import io.multisqs.broadcast.SweepResult;
import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A publisher and five instances, each a process, on an SQS and an SNS that start here: what is
 * published reaches all five while they work; one is killed, one stopped, and a sweep clears away
 * what the killed one left.
 */
final class Main {
  static final String PREFIX = "pool";
  static final Duration LEASE = Duration.ofSeconds(10);
  static final Duration JOB = Duration.ofMillis(300);

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int JOBS = 400;

  private final LocalSqs sqs;
  private final LocalSns sns;
  private final Pool pool;
  private final String topic;

  private Main(LocalSqs sqs, LocalSns sns, Pool pool) {
    this.sqs = sqs;
    this.sns = sns;
    this.pool = pool;
    this.topic = sns.createTopic("commands");
  }

  /**
   * Runs it all, and ends.
   *
   * @param args none
   * @throws InterruptedException if interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    try (LocalSqs sqs = LocalSqs.start();
        LocalSns sns = LocalSns.start(sqs);
        Pool pool = new Pool()) {
      new Main(sqs, sns, pool).run();
    }
  }

  private void run() throws InterruptedException {
    String work = sqs.createQueue("work");
    for (int first = 1; first <= JOBS; first += 10) {
      int from = first;
      sqs.client().sendMessageBatch(r -> r.queueUrl(work).entries(Jobs.from(from, from + 9)));
    }
    for (int i = 1; i <= 5; i++) {
      pool.start(
          "instance-" + i,
          List.of(sqs.endpoint().toString(), sns.endpoint().toString(), topic, "work"));
    }
    List<String> all = new ArrayList<>(pool.names());
    must(pool.allSay(all, "works on", PATIENCE), "all five work");

    publish("reload", all);
    publish("pause", all);
    long before = pool.count(" works on ");
    Thread.sleep(1_000);
    say("jobs begun in a second of pause: " + (pool.count(" works on ") - before));
    publish("resume", all);

    say("SIGKILL for instance-2, SIGTERM for instance-4");
    pool.kill("instance-2");
    must(pool.stop("instance-4", PATIENCE), "instance-4 has left, and taken its queue away");
    all.removeAll(List.of("instance-2", "instance-4"));
    say("queues: " + queues());

    publish("reindex", all);
    awaitSweep();
    say("queues: " + queues());
    for (String name : all) {
      must(pool.stop(name, PATIENCE), name + " has left");
    }
    say("queues: " + queues() + ", jobs done by all together: " + pool.count(" works on "));
  }

  private void publish(String command, List<String> to) throws InterruptedException {
    say("publishes " + command);
    long began = System.nanoTime();
    sns.client().publish(r -> r.topicArn(topic).message(command));
    must(
        pool.allSay(to, "hears " + command, PATIENCE),
        command
            + " reached all "
            + to.size()
            + " within "
            + Duration.ofNanos(System.nanoTime() - began).toMillis()
            + " ms");
  }

  /** The lease of the killed one runs out by itself; until then a sweep keeps its queue. */
  private void awaitSweep() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    say(String.valueOf(Broadcast.dryRun(PREFIX, Duration.ZERO, sqs.client(), sns.client())));
    SweepResult swept = sweep();
    while (swept.names(SweepResult.Outcome.REMOVED).isEmpty() && System.nanoTime() < end) {
      Thread.sleep(500);
      swept = sweep();
    }
    say(swept.toString());
    must(
        swept.names(SweepResult.Outcome.REMOVED).equals(List.of(PREFIX + "-instance-2")),
        "the sweep removed the queue of the one that was killed, and no other");
  }

  private SweepResult sweep() {
    return Broadcast.sweep(PREFIX, Duration.ZERO, sqs.client(), sns.client());
  }

  private List<String> queues() {
    return sqs.client().listQueues().queueUrls().stream()
        .map(url -> url.substring(url.lastIndexOf('/') + 1))
        .sorted()
        .toList();
  }

  private static void must(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("this should hold by now, and does not: " + what);
    }
    say("✓ " + what);
  }

  private static void say(String what) {
    System.out.println(what);
  }
}
