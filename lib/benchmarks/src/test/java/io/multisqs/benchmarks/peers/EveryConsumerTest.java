package io.multisqs.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.benchmarks.server.WireSqs;
import io.multisqs.benchmarks.server.WireSqsOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is compared does its work: handles every message of every queue once, and deletes it.
 */
class EveryConsumerTest {
  private static final int EACH = 40;

  @BeforeAll
  static void credentials() {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
  }

  static Stream<String> consumers() {
    boolean virtualThreads = Runtime.version().feature() >= 21;
    return Peers.names().stream().filter(name -> virtualThreads || !name.endsWith("virtual"));
  }

  @ParameterizedTest
  @MethodSource("consumers")
  void handlesAndDeletesEveryMessageOnce(String name) {
    AtomicIntegerArray handled = new AtomicIntegerArray(2);
    try (WireSqs server = WireSqs.start(WireSqsOptions.defaults().withRecording(false))) {
      server.createQueue("low", Duration.ofMinutes(10));
      server.createQueue("high", Duration.ofMinutes(10));
      server.preload("low", EACH, 256);
      server.preload("high", EACH, 256);
      Setup setup =
          new Setup(
              server.endpoint(),
              List.of("low", "high"),
              4,
              (lane, body) -> {
                assertThat(body).hasSize(256);
                handled.incrementAndGet(lane);
              });
      Consumer consumer = Peers.start(name, setup);
      try {
        await()
            .atMost(Duration.ofSeconds(50))
            .until(() -> left(server, "low") + left(server, "high") == 0);
      } finally {
        consumer.close();
      }
    }
    assertThat(handled.get(0)).isEqualTo(EACH);
    assertThat(handled.get(1)).isEqualTo(EACH);
  }

  private static int left(WireSqs server, String queue) {
    return server.visible(queue) + server.invisible(queue);
  }
}
