// Google's libphonenumber in Java, with a split by commas: kinder to it than a real reader would be, because the file
// of the bench holds no quotes. The clock starts once the class is loaded.

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One peer: prints what the bench reads. */
public final class Peer {
    private static final int NUMBER_COLUMN = 3;
    private static final int PERMISSION_COLUMN = 4;

    private record Fault(long row, int column) {}

    public static void main(String[] args) throws IOException {
        long start = System.nanoTime();
        PhoneNumberUtil util = PhoneNumberUtil.getInstance();
        long rows = 0;
        long valid = 0;
        long repeated = 0;
        long optIn = 0;
        List<Fault> faults = new ArrayList<>();
        Set<PhoneNumber> seen = new HashSet<>();
        try (BufferedReader reader = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8)) {
            reader.readLine();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                rows += 1;
                String[] cells = line.split(",", -1);
                String permission = cells[PERMISSION_COLUMN];
                boolean permitted = permission.equals("1") || permission.equals("2");
                PhoneNumber number = number(util, cells[NUMBER_COLUMN]);
                if (number == null) {
                    faults.add(new Fault(rows, NUMBER_COLUMN));
                } else {
                    valid += 1;
                    boolean again = !seen.add(number);
                    if (again && permitted) {
                        repeated += 1;
                    }
                }
                if (permission.equals("1")) {
                    optIn += 1;
                } else if (!permitted) {
                    faults.add(new Fault(rows, PERMISSION_COLUMN));
                }
            }
        }
        long numberFaults = faults.stream().filter(fault -> fault.column() == NUMBER_COLUMN).count();
        System.out.printf(
            Locale.ROOT,
            "{\"rows\":%d,\"seconds\":%f,\"valid\":%d,\"repeated\":%d,\"opt_in\":%d,\"number_faults\":%d,"
                + "\"permission_faults\":%d}%n",
            rows, (System.nanoTime() - start) / 1e9, valid, repeated, optIn, numberFaults,
            faults.size() - numberFaults);
    }

    /** The valid number in a cell; `00` is read as `+`. */
    private static PhoneNumber number(PhoneNumberUtil util, String cell) {
        try {
            PhoneNumber number = util.parse(cell.startsWith("00") ? "+" + cell.substring(2) : cell, null);
            return util.isValidNumber(number) ? number : null;
        } catch (NumberParseException wrong) {
            return null;
        }
    }
}
