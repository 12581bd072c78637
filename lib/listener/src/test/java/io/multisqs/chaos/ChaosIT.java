package io.multisqs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.testkit.LocalSqs;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The listener against ElasticMQ through a proxy that breaks what passes.
 *
 * <p>Every run prints its seed; {@code -Dmultisqs.chaos.seed=…} repeats its faults. {@code
 * -Dmultisqs.chaos.rounds=…} runs each test that many times, each time with another seed, drawn
 * anew, and ten times the messages: 100 groups of 50 among them.
 */
@Tag("sized")
class ChaosIT {
  private static LocalSqs sqs;

  @BeforeAll
  static void startServer() {
    sqs = LocalSqs.start();
  }

  @AfterAll
  static void stopServer() {
    sqs.close();
  }

  @Test
  void standardQueueWithOneSlot() throws Exception {
    run(0, 50, 1, 1);
  }

  @Test
  void standardQueueWithTwentySlots() throws Exception {
    run(0, Seed.LONG ? 600 : 300, 20, Seed.LONG ? 12 : 6);
  }

  @Test
  void fifoQueueWithOneSlot() throws Exception {
    run(10, 50, 1, 1);
  }

  @Test
  void hundredFifoGroupsOnTwentySlots() throws Exception {
    run(100, Seed.LONG ? 500 : 300, 20, Seed.LONG ? 5 : 3);
  }

  private static void run(int groups, int messages, int concurrency, int slow) throws Exception {
    // Even and odd ones differ in whether the SDK retries.
    long seed = Seed.of(groups + concurrency / 20);
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int round = 0; round < Math.max(1, Seed.ROUNDS); round++) {
      long thisSeed = round == 0 ? seed : seeds.nextLong() & 0xffff_ffffL;
      int factor = Seed.ROUNDS > 0 ? 10 : 1;
      ChaosPlan plan =
          new ChaosPlan(
              thisSeed,
              groups,
              messages * factor,
              concurrency,
              0.15,
              slow * factor,
              (thisSeed & 1) == 1,
              Duration.ofSeconds(60L * factor));
      if (round > 0) {
        System.out.println("repeat with -Dmultisqs.chaos.seed=" + thisSeed);
      }
      ChaosReport report = new ChaosRun(sqs, plan).run();
      System.out.println(report);
      assertThat(report.problems())
          .as("promises broken; repeat with -Dmultisqs.chaos.seed=%d\n%s", thisSeed, report)
          .isEmpty();
    }
  }
}
