package io.multisqs.samples.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BroadcastSampleIT {
  @Test
  void commandsReachAllAndNothingOfTheDeadIsLeft() throws Exception {
    PrintStream screen = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      Main.main(new String[0]);
    } finally {
      System.setOut(screen);
      screen.println(said.toString(StandardCharsets.UTF_8));
    }

    String text = said.toString(StandardCharsets.UTF_8);
    for (int i = 1; i <= 5; i++) {
      assertThat(text)
          .contains(
              "instance-" + i + " hears reload",
              "instance-" + i + " hears pause and rests",
              "instance-" + i + " hears resume");
    }
    assertThat(text)
        .contains(
            "queues: [pool-instance-1, pool-instance-2, pool-instance-3, pool-instance-5, work]",
            "reindex reached all 3",
            "removed pool-instance-2: lease ran out at ",
            "queues: [pool-instance-1, pool-instance-3, pool-instance-5, work]",
            "queues: [work], jobs done by all together: ")
        .doesNotContain("instance-2 hears reindex", "instance-4 hears reindex");
  }
}
