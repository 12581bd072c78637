package io.multisqs.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * This project's own consumers do their work. All others, and these on every HTTP client, are tried
 * by {@code bench --try}: no fault of somebody else's library may fail the build.
 */
class OwnConsumersTest {

  @BeforeAll
  static void credentials() {
    Trial.useAnyCredentials();
  }

  static Stream<String> consumers() {
    boolean virtualThreads = Runtime.version().feature() >= 21;
    return Stream.of(
            "multisqs",
            "multisqs-tuned",
            "multisqs-no-hold",
            "multisqs-virtual",
            "raw-apache5",
            "raw-pool-apache5",
            "raw-pool-virtual",
            "raw-strict")
        .filter(name -> virtualThreads || !name.endsWith("virtual"));
  }

  @ParameterizedTest
  @MethodSource("consumers")
  void handlesAndDeletesEveryMessageOnce(String name) throws Exception {
    assertThat(Trial.of(name, Duration.ofSeconds(50))).isEqualTo(new Trial.Outcome(40, 40, 0));
  }
}
