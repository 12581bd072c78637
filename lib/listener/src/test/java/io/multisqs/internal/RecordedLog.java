package io.multisqs.internal;

import io.multisqs.testlog.Lines;
import java.util.ArrayList;
import java.util.List;

/** What one logger wrote while this was open. */
final class RecordedLog implements AutoCloseable {
  private final List<String> lines = new ArrayList<>();
  private final Lines.Sink sink;

  private RecordedLog(String logger) {
    sink =
        (name, line) -> {
          if (name.equals(logger)) {
            lines.add(line);
          }
        };
    Lines.add(sink);
  }

  static RecordedLog of(String logger) {
    return new RecordedLog(logger);
  }

  /** Level and text of each, without its exception. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    Lines.remove(sink);
  }
}
