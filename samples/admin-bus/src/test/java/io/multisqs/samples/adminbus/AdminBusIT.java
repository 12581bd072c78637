package io.multisqs.samples.adminbus;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ReceivedMessage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AdminBusIT {
  /** On the JDK that has them, the tests may be run with virtual threads. */
  private static final List<String> THREADS =
      Boolean.getBoolean("multisqs.test.virtualThreads") ? List.of("--virtual-threads") : List.of();

  private static final Pattern TIMES = Pattern.compile("^ *\\S+ s  | +\\(-?\\d+ ms [^)]*\\)");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void commandsActWhileLongJobsHoldAllOtherSlots() {
    assertThat(run()).isZero();

    List<String> lines = out.toString().lines().map(l -> TIMES.matcher(l).replaceAll("")).toList();
    assertThat(lines.subList(0, 2))
        .allMatch(line -> line.matches("started report #\\d [(]settings 1[)]"));
    assertThat(lines.get(2)).startsWith("-- two reports hold both slots");
    assertThat(lines.get(3)).startsWith("STATUS: 3 of 3 slots in use; reports 2 running, ");
    assertThat(lines.get(4)).startsWith("PAUSE: what runs goes on");
    assertThat(lines.subList(5, 7)).allMatch(line -> line.startsWith("ended   report #"));
    assertThat(lines.get(7)).startsWith("-- both slots for work are free");
    assertThat(lines.get(8)).startsWith("STATUS: 1 of 3 slots in use; reports 0 running, ");
    assertThat(lines.get(9)).isEqualTo("RELOAD: settings 2 from the next job on");
    assertThat(lines.get(10)).startsWith("-- orders go before the reports");
    assertThat(lines.get(11)).isEqualTo("RESUME");
    List<String> starts = lines.stream().filter(line -> line.startsWith("started")).toList();
    assertThat(starts).hasSize(6);
    assertThat(starts.subList(2, 4)).allMatch(l -> l.matches("started order #\\d .settings 2."));
    assertThat(starts.subList(4, 6)).allMatch(l -> l.matches("started report #\\d .settings 2."));
    assertThat(lines).last().asString().startsWith("Account: received 11: handled 11, retried 0");
  }

  @Test
  void badOptionIsRefusedWithTheReason() {
    assertThat(run("--admin=no blanks")).isEqualTo(2);
    assertThat(err.toString()).contains("queue name must be").contains("see --help");
    assertThat(out.toString()).isEmpty();
  }

  private int run(String... args) {
    return Main.commandLine((message, time) -> work(message))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(Stream.concat(THREADS.stream(), Stream.of(args)).toArray(String[]::new));
  }

  /**
   * The first reports last until the pause has acted: a command that waited for them would hang.
   * Orders last until both have started, so that what starts after one has ended comes after both.
   */
  private void work(ReceivedMessage message) throws InterruptedException {
    List<String> until =
        message.queue().equals("orders")
            ? List.of("started order #1", "started order #2")
            : List.of("PAUSE");
    while (!until.stream().allMatch(out.toString()::contains)) {
      Thread.sleep(2);
    }
  }
}
