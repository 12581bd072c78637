package io.multisqs.benchmarks.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Steers the server over its admin paths; see {@code WireAdmin} and {@code ElasticMq}. */
public final class ServerAdmin {
  private final URI endpoint;

  /** Admin of the server whose admin paths are at that address. */
  public ServerAdmin(URI endpoint) {
    this.endpoint = endpoint;
  }

  /** Asks for a path with its query. */
  public String get(String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) endpoint.resolve(path).toURL().openConnection();
      // Kept alive it would be watched by a thread, which ends while the consumer is measured.
      connection.setRequestProperty("Connection", "close");
      try (InputStream in = connection.getInputStream()) {
        String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (answer.startsWith("{\"error\"")) {
          throw new IllegalStateException(path + ": " + answer);
        }
        return answer;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the server does not answer " + path, e);
    }
  }

  /**
   * Creates a queue with a visibility timeout of 10 min, so that nothing returns while it is
   * measured.
   */
  public void createQueue(String queue) {
    get("/queue?name=" + queue + "&visibility=600");
  }

  /** Sets the round trip. */
  public void latency(Duration roundTrip, Duration jitter) {
    get(
        "/latency?micros="
            + roundTrip.toNanos() / 1000
            + "&jitterMicros="
            + jitter.toNanos() / 1000);
  }

  /** The server's counts, as far as it counts, and CPU time. */
  public Figures stats() {
    return Figures.parse(get("/stats"));
  }
}
