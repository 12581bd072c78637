package io.multisqs.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.benchmarks.Stalls.Stall;
import java.util.List;
import org.junit.jupiter.api.Test;

class StallsTest {
  @Test
  void whatTwoThreadsSawAtOnceCountsOnce() {
    assertThat(Stalls.merge(List.of(new Stall(10, 30), new Stall(20, 25), new Stall(30, 40))))
        .containsExactly(new Stall(10, 40));
    assertThat(Stalls.merge(List.of(new Stall(10, 20), new Stall(30, 40)))).hasSize(2);
  }

  @Test
  void onlyWhatLiesWithinTheTimeIsGranted() {
    List<Stall> stalls = List.of(new Stall(10, 20), new Stall(30, 40), new Stall(90, 95));
    assertThat(Stalls.within(stalls, 15, 35)).isEqualTo(10);
    assertThat(Stalls.within(stalls, 32, 34)).isEqualTo(2);
    assertThat(Stalls.within(stalls, 41, 89)).isZero();
  }
}
