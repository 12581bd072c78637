package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.ServerAdmin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server in a JVM of its own, which ends when this is closed or this JVM ends. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final URI endpoint;
  private final URI adminEndpoint;

  private ServerProcess(Process process, URI endpoint, URI adminEndpoint) {
    this.process = process;
    this.endpoint = endpoint;
    this.adminEndpoint = adminEndpoint;
  }

  static ServerProcess start(ServerKind kind, String java, String classPath) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-Xms256m",
                    "-Xmx1g",
                    "-XX:+UseSerialGC",
                    "-cp",
                    classPath,
                    kind.mainClass()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the server ended at once");
    }
    String[] endpoints = line.split(" ", -1);
    return new ServerProcess(
        process, URI.create(endpoints[0]), URI.create(endpoints[endpoints.length - 1]));
  }

  URI endpoint() {
    return endpoint;
  }

  /** Where its admin paths are: the same address, or another if it has two. */
  URI adminEndpoint() {
    return adminEndpoint;
  }

  ServerAdmin admin() {
    return new ServerAdmin(adminEndpoint);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
