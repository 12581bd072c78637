package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.broadcast.SweepResult.Outcome;
import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Twenty instances join, leave and die at random while 1,000 messages are published. Random from a
 * seed that is printed; {@code -Dmultisqs.test.seed} repeats it.
 */
class BroadcastPoolIT {
  private static final int INSTANCES = 20;
  private static final int MESSAGES = 1_000;
  private static final Duration STOP = Duration.ofMinutes(5);

  private static LocalSqs sqs;
  private static LocalSns sns;

  private record Batch(List<String> bodies, long began, long done) {}

  /** One instance, from before it joins until after it left, or died. */
  private static final class Instance {
    final String name;
    final List<String> handled = Collections.synchronizedList(new ArrayList<>());
    final BroadcastQueue queue;
    final MultiSqsListener listener;
    final long joined;
    volatile long leaving = Long.MAX_VALUE;
    volatile boolean died;

    Instance(String topic, String name) {
      this.name = name;
      queue =
          BroadcastQueue.subscribe(
              topic,
              BroadcastOptions.builder("pool")
                  .instance(name)
                  .sqsClient(sqs.client())
                  .snsClient(sns.client())
                  .settle(Duration.ZERO, Duration.ZERO)
                  // Renewed by nobody while the test lasts, as of one that died.
                  .lease(Duration.ofMinutes(10))
                  .renewEvery(Duration.ofMinutes(5))
                  .build());
      joined = System.nanoTime();
      listener =
          MultiSqsListener.of(
              List.of(
                  queue.config().toBuilder()
                      .polling(Polling.longPoll(Duration.ofSeconds(1)))
                      .build()),
              ListenerOptions.builder().sqsClient(sqs.client()).build(),
              (q, bus, priority, message) -> handled.add(message.body()));
      listener.start();
    }

    void leave() {
      leaving = System.nanoTime();
      queue.stop(listener, STOP);
    }

    /** Stops as a process does that is killed: nothing is said to SNS, nothing deleted. */
    void die() {
      leaving = System.nanoTime();
      died = true;
      listener.stop(STOP);
    }
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void whoIsSubscribedGetsEachMessageOnceAndNothingIsLeftBehind() throws Exception {
    long seed = Long.getLong("multisqs.test.seed", System.nanoTime());
    System.out.println("multisqs.test.seed=" + seed);
    sqs = LocalSqs.start();
    sns = LocalSns.start(sqs);
    try (LocalSqs closedLast = sqs;
        LocalSns closed = sns) {
      run(new Random(seed), closed.createTopic("pool-topic"), closedLast);
    }
  }

  private static void run(Random random, String topic, LocalSqs server) throws Exception {
    Map<String, String> foreign = foreignQueues(topic, server);
    List<Batch> batches = Collections.synchronizedList(new ArrayList<>());
    ConcurrentLinkedQueue<Instance> all = new ConcurrentLinkedQueue<>();
    ExecutorService threads = Executors.newFixedThreadPool(INSTANCES);
    List<Future<?>> ends = new ArrayList<>();
    try {
      // Joins and ends are tied to how far the publisher is, not to time, so that a slow machine
      // changes nothing but how they interleave.
      int[] joinAt =
          IntStream.range(0, INSTANCES).map(i -> i < 4 ? 0 : random.nextInt(800)).toArray();
      int[] endAt = IntStream.of(joinAt).map(at -> at + 50 + random.nextInt(600)).toArray();
      boolean[] dies = new boolean[INSTANCES];
      IntStream.range(0, INSTANCES).forEach(i -> dies[i] = random.nextInt(3) == 0);
      Instance[] instances = new Instance[INSTANCES];
      List<Future<Instance>> joining = new ArrayList<>(Collections.nCopies(INSTANCES, null));
      for (int sent = 0; sent < MESSAGES; ) {
        for (int i = 0; i < INSTANCES; i++) {
          String name = "i-" + i;
          if (joining.get(i) == null && joinAt[i] <= sent) {
            joining.set(i, threads.submit(() -> join(topic, name, all)));
          } else if (joining.get(i) != null && instances[i] == null && endAt[i] <= sent) {
            Instance instance = joining.get(i).get();
            instances[i] = instance;
            ends.add(threads.submit(dies[i] ? instance::die : instance::leave));
          }
        }
        int size = Math.min(1 + random.nextInt(10), MESSAGES - sent);
        batches.add(publish(topic, sent, size));
        sent += size;
      }
      for (int i = 0; i < INSTANCES; i++) {
        Instance instance = joining.get(i).get();
        if (instances[i] == null) {
          ends.add(threads.submit(dies[i] ? instance::die : instance::leave));
        }
      }
      for (Future<?> end : ends) {
        end.get();
      }
      assertThat(all).hasSize(INSTANCES);
      all.forEach(instance -> check(instance, batches));
      sweepTenTimesAtOnce(threads);
    } finally {
      threads.shutdownNow();
    }
    assertNothingIsLeft(topic, foreign, server);
    long handled = all.stream().mapToLong(i -> i.handled.size()).sum();
    System.out.println(
        MESSAGES
            + " published, "
            + handled
            + " handled by "
            + INSTANCES
            + " instances, of which "
            + all.stream().filter(i -> i.died).count()
            + " died");
  }

  private static Instance join(String topic, String name, ConcurrentLinkedQueue<Instance> all) {
    Instance instance = new Instance(topic, name);
    all.add(instance);
    return instance;
  }

  private static Batch publish(String topic, int from, int size) {
    List<String> bodies = IntStream.range(from, from + size).mapToObj(n -> "m" + n).toList();
    List<PublishBatchRequestEntry> entries =
        bodies.stream()
            .map(b -> PublishBatchRequestEntry.builder().id(b).message(b).build())
            .toList();
    long began = System.nanoTime();
    assertThat(
            sns.client()
                .publishBatch(r -> r.topicArn(topic).publishBatchRequestEntries(entries))
                .failed())
        .isEmpty();
    return new Batch(bodies, began, System.nanoTime());
  }

  private static void check(Instance instance, List<Batch> batches) {
    assertThat(instance.handled).as(instance.name).doesNotHaveDuplicates();
    if (instance.died) {
      return; // what it had not handled died with it
    }
    List<String> due =
        batches.stream()
            .filter(b -> b.began > instance.joined && b.done < instance.leaving)
            .flatMap(b -> b.bodies.stream())
            .toList();
    assertThat(due).as("%s had something to get", instance.name).isNotEmpty();
    assertThat(instance.handled).as(instance.name).containsAll(due);
    // And not one delivery more or less, those of batches around its joining and leaving included.
    assertThat((long) instance.handled.size())
        .as(instance.name)
        .isEqualTo(sns.delivered(instance.queue.queueName()));
  }

  private static void sweepTenTimesAtOnce(ExecutorService threads) throws Exception {
    Callable<SweepResult> sweep =
        () -> Broadcast.sweep("pool", Duration.ofMinutes(1), sqs.client(), sns.client());
    for (Future<SweepResult> each : threads.invokeAll(Collections.nCopies(10, sweep))) {
      assertThat(each.get().names(Outcome.FAILED)).isEmpty();
    }
  }

  private static Map<String, String> foreignQueues(String topic, LocalSqs server) {
    String untagged = server.createQueue("pool-work");
    String otherPrefix = server.createQueue("pool-2-i-1");
    String otherName = server.createQueue("reports");
    // Looks like one of a pool called "pool-2" whose lease ran out long ago.
    server
        .client()
        .tagQueue(
            r ->
                r.queueUrl(otherPrefix)
                    .tags(
                        new OwnerTags(
                                "pool-2",
                                "i-1",
                                topic,
                                "x",
                                "2020-01-01T00:00:00Z",
                                java.util.Optional.of(Instant.EPOCH),
                                "",
                                java.util.Optional.empty())
                            .asMap()));
    for (String url : List.of(untagged, otherPrefix, otherName)) {
      server.client().sendMessage(r -> r.queueUrl(url).messageBody("theirs"));
    }
    return Map.of("pool-work", untagged, "pool-2-i-1", otherPrefix, "reports", otherName);
  }

  private static void assertNothingIsLeft(
      String topic, Map<String, String> foreign, LocalSqs server) {
    assertThat(server.client().listQueuesPaginator(r -> r.maxResults(1000)).queueUrls())
        .containsExactlyInAnyOrderElementsOf(foreign.values());
    for (String url : foreign.values()) {
      assertThat(
              server
                  .client()
                  .getQueueAttributes(
                      r ->
                          r.queueUrl(url)
                              .attributeNames(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                  .attributes())
          .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "1");
    }
    assertThat(
            sns.client().listSubscriptionsByTopicPaginator(r -> r.topicArn(topic)).subscriptions())
        .isEmpty();
  }
}
