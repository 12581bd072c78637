package io.multisqs.samples.broadcast;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Where another JVM finds the classes of this one, within Maven too. */
final class ClassPath {
  private ClassPath() {}

  static String ofThisProcess() {
    ClassLoader loader = ClassPath.class.getClassLoader();
    if (loader instanceof URLClassLoader urls) {
      return Arrays.stream(urls.getURLs())
          .map(ClassPath::file)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path", "");
  }

  private static String file(URL url) {
    try {
      return Path.of(url.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("no file: " + url, e);
    }
  }
}
