package io.multisqs.benchmarks.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/**
 * A flight recording of this JVM, and what it says of where the CPU went. Samples are taken each
 * few milliseconds of CPU time of each thread, in the kernel as well as outside it, which takes JDK
 * 25 or later on Linux. A stack is walked at the thread's next safepoint, so that what the JVM does
 * itself, above all to park and to wake threads, is partly taken for what the thread did after it:
 * a profiler that walks stacks at once, as async-profiler does, shows several times as much of it.
 */
final class Profile {
  private static final String SAMPLE = "jdk.CPUTimeSample";

  private final Recording recording = new Recording();

  private Profile() {
    recording.enable(SAMPLE).with("throttle", "5ms");
    recording.start();
  }

  static Profile start() {
    return new Profile();
  }

  /**
   * Ends it, and puts CPU a message by layer: what the phase took in all, in parts as large as
   * layers have samples. Threads that run no Java, as the compiler's, the collector's and the
   * CRT's, have none, so that what they take is spread over all.
   */
  void end(Figures figures) {
    Map<Layer, Integer> samples = samples();
    double all = samples.values().stream().mapToInt(Integer::intValue).sum();
    double micros = figures.get("cpuMicrosEach");
    for (Layer layer : Layer.values()) {
      figures.put(layer.figure(), micros * samples.getOrDefault(layer, 0) / all);
    }
  }

  private Map<Layer, Integer> samples() {
    Map<Layer, Integer> samples = new EnumMap<>(Layer.class);
    try {
      Path file = Files.createTempFile("bench", ".jfr");
      try {
        recording.stop();
        recording.dump(file);
        recording.close();
        try (RecordingFile events = new RecordingFile(file)) {
          while (events.hasMoreEvents()) {
            RecordedEvent event = events.readEvent();
            if (event.getEventType().getName().equals(SAMPLE)) {
              samples.merge(layerOf(event), 1, Integer::sum);
            }
          }
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the flight recording could not be read", e);
    }
    return samples;
  }

  private static Layer layerOf(RecordedEvent event) {
    RecordedStackTrace trace = event.getStackTrace();
    if (trace == null) {
      return Layer.OTHER;
    }
    return Layer.of(
        trace.getFrames().stream()
            .map(frame -> frame.getMethod().getType().getName() + "." + frame.getMethod().getName())
            .toList());
  }
}
