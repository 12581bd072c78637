package io.multisqs.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.VirtualThreads;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Twice the heap in messages of 1 MiB, in ten queues, do not break a heap of 256 MiB (I18). */
class SmallHeapIT {
  private static final int EACH = 50;

  @Test
  void largestMessagesInTenQueuesFitIntoSmallHeap() throws Exception {
    try (LargeMessages sqs = new LargeMessages(EACH)) {
      ProcessBuilder builder =
          new ProcessBuilder(
              System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
              "-Xmx256m",
              "-XX:TieredStopAtLevel=1",
              "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
              VirtualThreads.option(),
              "-cp",
              System.getProperty("java.class.path"),
              SmallHeap.class.getName(),
              sqs.endpoint().toString(),
              "" + 10 * EACH);
      builder.environment().putAll(Map.of("AWS_ACCESS_KEY_ID", "l", "AWS_SECRET_ACCESS_KEY", "l"));
      Process process = builder.redirectErrorStream(true).start();
      List<String> output = new ArrayList<>();
      Thread reader = new Thread(() -> read(process.getInputStream(), output));
      reader.start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      process.destroyForcibly();
      reader.join();
      System.out.println(output);
      assertThat(ended).as("ended within 120 s: %s", output).isTrue();
      assertThat(process.exitValue()).as("%s", output).isZero();
      assertThat(output).noneMatch(line -> line.contains("OutOfMemoryError"));
    }
  }

  private static void read(InputStream from, List<String> into) {
    try {
      into.addAll(new String(from.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (java.io.IOException e) {
      into.add(e.toString());
    }
  }
}
