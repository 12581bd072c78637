package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.ServerAdmin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The server in a JVM of its own, which ends when this is closed or this JVM ends. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final URI endpoint;

  private ServerProcess(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  static ServerProcess start(String java, String classPath) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-Xms256m",
                    "-Xmx1g",
                    "-XX:+UseSerialGC",
                    "-cp",
                    classPath,
                    "io.multisqs.benchmarks.server.WireSqs"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server ended at once");
    }
    return new ServerProcess(process, URI.create(line));
  }

  URI endpoint() {
    return endpoint;
  }

  ServerAdmin admin() {
    return new ServerAdmin(endpoint);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
