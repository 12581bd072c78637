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
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Instances join, leave, die and come back at random while messages are published and sweeps run:
 * twenty and 1,000 in the profile "long", two of each fate and 300 in {@code mvn verify}. Random
 * from a seed that is printed; {@code -Dmultisqs.test.seed} repeats it.
 */
@Tag("sized")
class BroadcastPoolIT {
  private static final boolean LONG = Boolean.getBoolean("multisqs.test.long");
  private static final int INSTANCES = LONG ? 20 : 10;
  private static final int MESSAGES = LONG ? 1_000 : 300;
  private static final Duration STOP = Duration.ofMinutes(5);

  private static final List<Fate> FATES = List.of(Fate.values());

  private static LocalSqs sqs;
  private static LocalSns sns;

  private record Batch(List<String> bodies, long began, long done) {}

  /** How an instance ends. */
  private enum Fate {
    /** In order. */
    LEAVES,
    /** Killed, and its lease runs as long as the test. */
    DIES,
    /** Killed, and started again within its lease. */
    RETURNS,
    /** Killed, its lease run out while sweeps run. */
    IS_SWEPT,
    /** The same, and started again while a sweep is at its queue. */
    RETURNS_WHILE_SWEPT;

    boolean mayBeSwept() {
      return this == IS_SWEPT || this == RETURNS_WHILE_SWEPT;
    }
  }

  /** One process of an instance, from when it has joined until it left, or died. */
  private static final class Life {
    final List<String> handled = Collections.synchronizedList(new ArrayList<>());
    final BroadcastQueue queue;
    final MultiSqsListener listener;
    final long joined;
    volatile long leaving = Long.MAX_VALUE;
    volatile boolean died;

    Life(String topic, String name, Fate fate) {
      boolean renewed = fate == Fate.LEAVES || fate.mayBeSwept();
      queue =
          BroadcastQueue.subscribe(
              topic,
              BroadcastOptions.builder("pool")
                  .instance(name)
                  .sqsClient(sqs.client())
                  .snsClient(sns.client())
                  .settle(Duration.ZERO, Duration.ZERO)
                  .emptyFor(Duration.ZERO)
                  // The living have short leases, and sweeps must not catch them.
                  .lease(renewed ? Duration.ofSeconds(30) : Duration.ofHours(1))
                  .renewEvery(Duration.ofSeconds(1))
                  .build());
      joined = System.nanoTime();
      listener =
          MultiSqsListener.of(
              List.of(
                  queue.config().toBuilder()
                      .polling(Polling.longPoll(Duration.ofSeconds(1)))
                      .build()),
              ListenerOptions.builder().build(),
              (q, bus, priority, message) -> handled.add(message.body()));
      listener.start();
    }

    void leave() {
      leaving = System.nanoTime();
      queue.stop(listener, STOP);
    }

    /** Ends as a process does that is killed: nothing is said to SNS, nothing deleted. */
    void die() {
      leaving = System.nanoTime();
      died = true;
      listener.stop(STOP);
      queue.abandon();
    }

    void leaseRunsOut() {
      String past = Instant.now().minusSeconds(60).toString();
      sqs.client()
          .tagQueue(r -> r.queueUrl(queue.queueUrl()).tags(Map.of("multisqs:lease-until", past)));
    }
  }

  /** One instance name, and who bore it. */
  private static final class Seat {
    final String name;
    final Fate fate;
    final int joinAt;
    final int endAt;
    final List<Life> lives = Collections.synchronizedList(new ArrayList<>());
    @Nullable Future<?> joining;
    @Nullable Future<?> ending;

    Seat(int n, Random random) {
      name = "i-" + n;
      // Each fate is there; the rest leaves, as most do.
      fate = n < FATES.size() * 2 ? FATES.get(n / 2) : Fate.LEAVES;
      // Tied to how far the publisher is, not to time: a slow machine only interleaves otherwise.
      joinAt = n < 4 ? 0 : random.nextInt(MESSAGES * 7 / 10);
      endAt = joinAt + MESSAGES / 20 + random.nextInt(MESSAGES / 2);
    }

    void join(String topic) {
      lives.add(new Life(topic, name, fate));
    }

    void end(String topic, Runnable sweep) {
      Life life = lives.get(0);
      if (fate == Fate.LEAVES) {
        life.leave();
        return;
      }
      life.die();
      if (fate.mayBeSwept()) {
        life.leaseRunsOut();
      }
      if (fate == Fate.RETURNS_WHILE_SWEPT) {
        sweep.run();
      }
      if (fate == Fate.RETURNS || fate == Fate.RETURNS_WHILE_SWEPT) {
        join(topic);
      }
    }

    long handled() {
      return lives.stream().mapToLong(life -> life.handled.size()).sum();
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
    long began = System.nanoTime();
    Map<String, String> foreign = foreignQueues(topic, server);
    List<Seat> seats = IntStream.range(0, INSTANCES).mapToObj(n -> new Seat(n, random)).toList();
    List<Batch> batches = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(INSTANCES);
    ExecutorService sweepers = Executors.newFixedThreadPool(3);
    List<Future<SweepResult>> sweeps = Collections.synchronizedList(new ArrayList<>());
    Runnable sweep = () -> sweeps.add(sweepers.submit(BroadcastPoolIT::sweep));
    long left = 0;
    try {
      for (int sent = 0, sweepAt = MESSAGES / 10; sent < MESSAGES; ) {
        for (Seat seat : seats) {
          move(seat, sent, topic, sweep, threads);
        }
        if (sent >= sweepAt) {
          sweepAt += MESSAGES / 10;
          sweep.run();
        }
        int size = Math.min(1 + random.nextInt(10), MESSAGES - sent);
        batches.add(publish(topic, sent, size));
        sent += size;
      }
      for (Seat seat : seats) {
        // Twice, as one that has not joined yet has to.
        move(seat, Integer.MAX_VALUE, topic, sweep, threads);
        if (seat.ending == null) {
          move(seat, Integer.MAX_VALUE, topic, sweep, threads);
        }
        Objects.requireNonNull(seat.ending).get();
      }
      List<Future<?>> leaving = new ArrayList<>();
      for (Seat seat : seats) {
        Life last = seat.lives.get(seat.lives.size() - 1);
        if (last.leaving == Long.MAX_VALUE) {
          leaving.add(threads.submit(last::leave));
        }
      }
      for (Future<?> each : leaving) {
        each.get();
      }
      for (Future<SweepResult> each : sweeps) {
        assertThat(each.get().names(Outcome.FAILED)).isEmpty();
      }
      for (Seat seat : seats) {
        left += check(seat, batches);
      }
      sweepTenTimesAtOnce(threads);
    } finally {
      threads.shutdownNow();
      sweepers.shutdownNow();
    }
    assertNothingIsLeft(topic, foreign, server);
    System.out.printf(
        "%d published, %d handled, %d of %d died, %d left by the dead, %d sweeps meanwhile, %d s%n",
        MESSAGES,
        seats.stream().mapToLong(Seat::handled).sum(),
        seats.stream().filter(seat -> seat.fate != Fate.LEAVES).count(),
        INSTANCES,
        left,
        sweeps.size(),
        Duration.ofNanos(System.nanoTime() - began).toSeconds());
  }

  private static void move(
      Seat seat, int sent, String topic, Runnable sweep, ExecutorService threads) throws Exception {
    if (seat.joining == null && seat.joinAt <= sent) {
      seat.joining = threads.submit(() -> seat.join(topic));
    } else if (seat.joining != null && seat.ending == null && seat.endAt <= sent) {
      seat.joining.get();
      seat.ending = threads.submit(() -> seat.end(topic, sweep));
    }
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

  /** What was delivered is what was handled, and what the dead left; gives the latter. */
  private static long check(Seat seat, List<Batch> batches) {
    List<String> all = seat.lives.stream().flatMap(life -> life.handled.stream()).toList();
    assertThat(all).as(seat.name).doesNotHaveDuplicates();
    for (Life life : seat.lives) {
      List<String> due =
          batches.stream()
              .filter(b -> b.began > life.joined && b.done < life.leaving)
              .flatMap(b -> b.bodies.stream())
              .toList();
      if (!life.died) {
        assertThat(life.handled).as("%s, %s", seat.name, seat.fate).containsAll(due);
      }
    }
    long left = seat.fate == Fate.DIES ? waiting(seat.lives.get(0).queue.queueUrl()) : 0;
    if (!seat.fate.mayBeSwept()) {
      // Not one delivery more or less, those of batches around a joining and leaving included.
      assertThat(seat.handled() + left)
          .as("%s, %s", seat.name, seat.fate)
          .isEqualTo(sns.delivered("pool-" + seat.name));
    }
    return left;
  }

  private static long waiting(String url) {
    QueueAttributeName count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
    return Long.parseLong(
        sqs.client()
            .getQueueAttributes(r -> r.queueUrl(url).attributeNames(count))
            .attributes()
            .get(count));
  }

  private static SweepResult sweep() {
    return Broadcast.sweep("pool", Duration.ZERO, sqs.client(), sns.client());
  }

  private static void sweepTenTimesAtOnce(ExecutorService threads) throws Exception {
    for (String url :
        sqs.client().listQueues(r -> r.queueNamePrefix("pool-i-").maxResults(1000)).queueUrls()) {
      sqs.client()
          .tagQueue(
              r -> r.queueUrl(url).tags(Map.of("multisqs:lease-until", Instant.EPOCH.toString())));
    }
    Callable<SweepResult> sweep = BroadcastPoolIT::sweep;
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
