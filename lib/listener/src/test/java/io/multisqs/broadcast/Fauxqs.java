package io.multisqs.broadcast;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.multisqs.testkit.LocalSqs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A second implementation of SNS and SQS, as a process on the loopback interface: fauxqs from the
 * npm registry, in the version that the lock file beside {@code package.json} pins, installed under
 * {@code target/}.
 */
final class Fauxqs implements AutoCloseable {
  private static final Path FOLDER = Path.of("target", "fauxqs").toAbsolutePath();

  private final Process process;
  private final SqsClient sqs;
  private final SnsClient sns;

  private Fauxqs(Process process, URI endpoint) {
    this.process = process;
    this.sqs =
        SqsClient.builder()
            .endpointOverride(endpoint)
            .region(LocalSqs.REGION)
            .credentialsProvider(LocalSqs.credentials())
            .httpClientBuilder(Apache5HttpClient.builder().maxConnections(50))
            .build();
    this.sns =
        SnsClient.builder()
            .endpointOverride(endpoint)
            .region(LocalSqs.REGION)
            .credentialsProvider(LocalSqs.credentials())
            .httpClientBuilder(Apache5HttpClient.builder())
            .build();
  }

  /** Starts it; where the machine has no Node.js 20 or later with npm, the tests are skipped. */
  static synchronized Fauxqs start() {
    assumeTrue(nodeVersion() >= 20, "Node.js 20 or later is not installed here");
    assumeTrue(runs("npm", "--version"), "npm is not installed here");
    try {
      install();
      Process process =
          new ProcessBuilder("node", "server.mjs")
              .directory(FOLDER.toFile())
              .redirectError(FOLDER.resolve("server.log").toFile())
              .start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String line = out.readLine();
      if (line == null || !line.startsWith("http://127.0.0.1:")) {
        process.destroy();
        throw new IllegalStateException(
            "fauxqs did not start: " + line + Files.readString(FOLDER.resolve("server.log")));
      }
      return new Fauxqs(process, URI.create(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void install() throws IOException {
    Files.createDirectories(FOLDER);
    for (String file : List.of("package.json", "package-lock.json", "server.mjs")) {
      try (InputStream in = Fauxqs.class.getResourceAsStream("/fauxqs/" + file)) {
        Files.copy(in, FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path done = FOLDER.resolve("installed");
    byte[] lock = Files.readAllBytes(FOLDER.resolve("package-lock.json"));
    if (Files.exists(done) && java.util.Arrays.equals(Files.readAllBytes(done), lock)) {
      return;
    }
    if (!runs("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")) {
      throw new IllegalStateException(
          "npm could not install fauxqs; see " + FOLDER.resolve("npm.log"));
    }
    Files.write(done, lock);
  }

  private static int nodeVersion() {
    try {
      Process node = new ProcessBuilder("node", "--version").start();
      String version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(version.strip().replaceAll("v(\\d+).*", "$1"));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private static boolean runs(String... command) {
    try {
      Files.createDirectories(FOLDER);
      Process process =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(FOLDER.resolve("npm.log").toFile())
              .start();
      return process.waitFor(4, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  SqsClient sqs() {
    return sqs;
  }

  SnsClient sns() {
    return sns;
  }

  @Override
  public void close() {
    sqs.close();
    sns.close();
    process.destroy();
  }
}
