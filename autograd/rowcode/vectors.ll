; Functions of libm as straight code, which LLVM's loops run on vectors of numbers: within 4 ulp of the true value, where libm has its
; own bits. They raise nothing: as in libm, what is undefined is NaN, what is too large infinity.
; A polynomial is the one that equals its function at Chebyshev's points of the interval, computed with 300 bits and rounded.
; Each definition ends with an empty line; `vector.fma` is a·b + c, at once where the machine can.

; x = k·ln 2 + r, |r| ≤ ln 2/2: r, and k + 1.5·2⁵² (its low bits are those of the whole number k); ln 2 in two parts, the first of 42
; bits, so that k times it is exact
define internal { double, double } @vector.reduced(double %x) alwaysinline nounwind {
  %far = call double @vector.fma(double %x, double 0x3FF71547652B82FE, double 0x4338000000000000)
  %k = fsub double %far, 0x4338000000000000
  %back = fneg double %k
  %near = call double @vector.fma(double %back, double 0x3FE62E42FEFA3800, double %x)
  %r = call double @vector.fma(double %back, double 0x3D2EF35793C76730, double %near)
  %one = insertvalue { double, double } poison, double %r, 0
  %both = insertvalue { double, double } %one, double %far, 1
  ret { double, double } %both
}

; eʳ − 1 = r + r²·q(r), |r| ≤ ln 2/2: the polynomial q, of degree 9, is (eʳ − 1 − r)/r²
define internal double @vector.grown(double %r) alwaysinline nounwind {
  %square = fmul double %r, %r
  %even3 = call double @vector.fma(double 0x3E92891D4FFBB0F9, double %square, double 0x3EFA019B8CA26FCF)
  %even2 = call double @vector.fma(double %even3, double %square, double 0x3F56C16C1789D1D7)
  %even1 = call double @vector.fma(double %even2, double %square, double 0x3FA5555555553D37)
  %even0 = call double @vector.fma(double %even1, double %square, double 0x3FE0000000000000)
  %odd3 = call double @vector.fma(double 0x3E5AF390BA7E6F47, double %square, double 0x3EC71DE0D85293B8)
  %odd2 = call double @vector.fma(double %odd3, double %square, double 0x3F2A01A01A7CEBCD)
  %odd1 = call double @vector.fma(double %odd2, double %square, double 0x3F811111111109A6)
  %odd0 = call double @vector.fma(double %odd1, double %square, double 0x3FC5555555555556)
  %q = call double @vector.fma(double %odd0, double %r, double %even0)
  %y = call double @vector.fma(double %square, double %q, double %r)
  ret double %y
}

; y·2ᵏ, the power of two in two halves, so that it also reaches the largest and the subnormal numbers
define internal double @vector.scaled(double %y, double %far) alwaysinline nounwind {
  %bits = bitcast double %far to i64
  %k = sub i64 %bits, 4843621399236966400
  %half = lshr i64 %k, 1
  %rest = sub i64 %k, %half
  %first = add i64 %half, -1
  %second = add i64 %rest, -1
  %first.bits = shl i64 %first, 52
  %second.bits = shl i64 %second, 52
  %first.power = bitcast i64 %first.bits to double
  %second.power = bitcast i64 %second.bits to double
  %scaled = fmul double %y, %first.power
  %z = fmul double %scaled, %second.power
  ret double %z
}

; 2ᵏ·eʳ
define internal double @vector.raised(double %r, double %far) alwaysinline nounwind {
  %grown = call double @vector.grown(double %r)
  %y = fadd double %grown, 1.0
  %z = call double @vector.scaled(double %y, double %far)
  ret double %z
}

define internal double @vector.exp(double %x) alwaysinline nounwind {
  %high = fcmp ogt double %x, 710.0
  %most = select i1 %high, double 710.0, double %x
  %low = fcmp olt double %most, -746.0
  %kept = select i1 %low, double -746.0, double %most
  %parts = call { double, double } @vector.reduced(double %kept)
  %r = extractvalue { double, double } %parts, 0
  %far = extractvalue { double, double } %parts, 1
  %y = call double @vector.raised(double %r, double %far)
  ret double %y
}

; x = k + f, |f| ≤ ½: 2ᵏ·e^(f·ln 2)
define internal double @vector.exp2(double %x) alwaysinline nounwind {
  %high = fcmp ogt double %x, 1025.0
  %most = select i1 %high, double 1025.0, double %x
  %low = fcmp olt double %most, -1080.0
  %kept = select i1 %low, double -1080.0, double %most
  %far = fadd double %kept, 0x4338000000000000
  %k = fsub double %far, 0x4338000000000000
  %f = fsub double %kept, %k
  %r = fmul double %f, 0x3FE62E42FEFA39EF
  %y = call double @vector.raised(double %r, double %far)
  ret double %y
}

; 2·(2ᵏ⁻¹·(eʳ − 1) + (2ᵏ⁻¹ − ½)), from below −60 on −1; x itself where it is smallest, of which half would lose a digit
define internal double @vector.expm1(double %x) alwaysinline nounwind {
  %high = fcmp ogt double %x, 710.0
  %most = select i1 %high, double 710.0, double %x
  %low = fcmp olt double %most, -60.0
  %kept = select i1 %low, double -60.0, double %most
  %parts = call { double, double } @vector.reduced(double %kept)
  %r = extractvalue { double, double } %parts, 0
  %far = extractvalue { double, double } %parts, 1
  %grown = call double @vector.grown(double %r)
  %bits = bitcast double %far to i64
  %exponent = add i64 %bits, 1022
  %power.bits = shl i64 %exponent, 52
  %power = bitcast i64 %power.bits to double
  %less = fsub double %power, 0.5
  %half = call double @vector.fma(double %power, double %grown, double %less)
  %y = fadd double %half, %half
  %size = call double @llvm.fabs.f64(double %x)
  %small = fcmp olt double %size, 0x3C90000000000000
  %z = select i1 %small, double %x, double %y
  ret double %z
}

; e^|x|/2, up to the largest number
define internal double @vector.half.exp(double %x) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %high = fcmp ogt double %size, 712.0
  %kept = select i1 %high, double 712.0, double %size
  %parts = call { double, double } @vector.reduced(double %kept)
  %r = extractvalue { double, double } %parts, 0
  %far = extractvalue { double, double } %parts, 1
  %before = fsub double %far, 1.0
  %y = call double @vector.raised(double %r, double %before)
  ret double %y
}

; h + 1/(4h), h = e^|x|/2
define internal double @vector.cosh(double %x) alwaysinline nounwind {
  %h = call double @vector.half.exp(double %x)
  %rest = fdiv double 0.25, %h
  %y = fadd double %h, %rest
  ret double %y
}

; below 1 x + x³·q(x²), the polynomial q, of degree 6, is (sinh(x)/x − 1)/x²; above it h − 1/(4h), h = e^|x|/2, with the sign of x
define internal double @vector.sinh(double %x) alwaysinline nounwind {
  %z = fmul double %x, %x
  %zz = fmul double %z, %z
  %even2 = call double @vector.fma(double 0x3D6B41232CF9950F, double %zz, double 0x3E5AE6460FAE3728)
  %even1 = call double @vector.fma(double %even2, double %zz, double 0x3F2A01A01A01EE70)
  %even0 = call double @vector.fma(double %even1, double %zz, double 0x3FC5555555555555)
  %odd1 = call double @vector.fma(double 0x3DE611CB330C1FE8, double %zz, double 0x3EC71DE3A4E14F40)
  %odd0 = call double @vector.fma(double %odd1, double %zz, double 0x3F811111111110FD)
  %q = call double @vector.fma(double %odd0, double %z, double %even0)
  %cube = fmul double %z, %x
  %near = call double @vector.fma(double %cube, double %q, double %x)
  %h = call double @vector.half.exp(double %x)
  %rest = fdiv double 0.25, %h
  %y = fsub double %h, %rest
  %far = call double @llvm.copysign.f64(double %y, double %x)
  %size = call double @llvm.fabs.f64(double %x)
  %small = fcmp olt double %size, 1.0
  %found = select i1 %small, double %near, double %far
  ret double %found
}

; t/(t + 2), t = e^2|x| − 1 = 2ᵏ·(eʳ − 1) + (2ᵏ − 1), with the sign of x; from |x| = 22 on it is 1
define internal double @vector.tanh(double %x) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %twice = fadd double %size, %size
  %high = fcmp ogt double %twice, 44.0
  %kept = select i1 %high, double 44.0, double %twice
  %parts = call { double, double } @vector.reduced(double %kept)
  %r = extractvalue { double, double } %parts, 0
  %far = extractvalue { double, double } %parts, 1
  %grown = call double @vector.grown(double %r)
  %bits = bitcast double %far to i64
  %exponent = add i64 %bits, 1023
  %power.bits = shl i64 %exponent, 52
  %power = bitcast i64 %power.bits to double
  %less = fsub double %power, 1.0
  %t = call double @vector.fma(double %power, double %grown, double %less)
  %more = fadd double %t, 2.0
  %y = fdiv double %t, %more
  %z = call double @llvm.copysign.f64(double %y, double %x)
  ret double %z
}

; x = 2ᵏ·m, √½ ≤ m < √2: m and k; a subnormal x is scaled by 2⁵⁴ first
define internal { double, double } @vector.split(double %x) alwaysinline nounwind {
  %small = fcmp olt double %x, 0x0010000000000000
  %scaled = fmul double %x, 0x4350000000000000
  %normal = select i1 %small, double %scaled, double %x
  %bias = select i1 %small, double 0x4330000000000836, double 0x4330000000000800
  %bits = bitcast double %normal to i64
  %shifted = sub i64 %bits, 4604544271217802189
  %positive = add i64 %shifted, 9223372036854775808
  %exponent = lshr i64 %positive, 52
  %whole.bits = or i64 %exponent, 4841369599423283200
  %whole = bitcast i64 %whole.bits to double
  %k = fsub double %whole, %bias
  %cut = and i64 %shifted, -4503599627370496
  %m.bits = sub i64 %bits, %cut
  %m = bitcast i64 %m.bits to double
  %one = insertvalue { double, double } poison, double %m, 0
  %both = insertvalue { double, double } %one, double %k, 1
  ret { double, double } %both
}

; log m + t, m = 1 + f: f − (f²/2 − (s·(f²/2 + s²·q(s²)) + t)), s = f/(2 + f), as in fdlibm; the polynomial q, of degree 6 in s², is
; (log((1 + s)/(1 − s)) − 2s)/s³
define internal double @vector.log.near(double %m, double %t) alwaysinline nounwind {
  %f = fsub double %m, 1.0
  %sum = fadd double %f, 2.0
  %s = fdiv double %f, %sum
  %z = fmul double %s, %s
  %zz = fmul double %z, %z
  %even2 = call double @vector.fma(double 0x3FC2B5F68A50D903, double %zz, double 0x3FC7462B91B8DF65)
  %even1 = call double @vector.fma(double %even2, double %zz, double 0x3FD2492492DFD86C)
  %even0 = call double @vector.fma(double %even1, double %zz, double 0x3FE5555555555558)
  %odd1 = call double @vector.fma(double 0x3FC39FDCCEB4BB45, double %zz, double 0x3FCC71C62D5E53E0)
  %odd0 = call double @vector.fma(double %odd1, double %zz, double 0x3FD9999999995273)
  %q = call double @vector.fma(double %odd0, double %z, double %even0)
  %half = fmul double %f, 0.5
  %square = fmul double %half, %f
  %inner = call double @vector.fma(double %z, double %q, double %square)
  %correction = call double @vector.fma(double %s, double %inner, double %t)
  %lost = fsub double %square, %correction
  %y = fsub double %f, %lost
  ret double %y
}

; a logarithm y of x, with what it is where x is no positive number
define internal double @vector.log.edges(double %x, double %y) alwaysinline nounwind {
  %finite = fcmp olt double %x, 0x7FF0000000000000
  %upper = select i1 %finite, double %y, double %x
  %zero = fcmp oeq double %x, 0.0
  %lower = select i1 %zero, double 0xFFF0000000000000, double %upper
  %negative = fcmp olt double %x, 0.0
  %log = select i1 %negative, double 0x7FF8000000000000, double %lower
  ret double %log
}

; k·ln 2 + log m, ln 2 in two parts
define internal double @vector.log(double %x) alwaysinline nounwind {
  %parts = call { double, double } @vector.split(double %x)
  %m = extractvalue { double, double } %parts, 0
  %k = extractvalue { double, double } %parts, 1
  %tail = fmul double %k, 0x3D2EF35793C76730
  %near = call double @vector.log.near(double %m, double %tail)
  %y = call double @vector.fma(double %k, double 0x3FE62E42FEFA3800, double %near)
  %log = call double @vector.log.edges(double %x, double %y)
  ret double %log
}

; k + log m/ln 2
define internal double @vector.log2(double %x) alwaysinline nounwind {
  %parts = call { double, double } @vector.split(double %x)
  %m = extractvalue { double, double } %parts, 0
  %k = extractvalue { double, double } %parts, 1
  %near = call double @vector.log.near(double %m, double 0.0)
  %y = call double @vector.fma(double %near, double 0x3FF71547652B82FE, double %k)
  %log = call double @vector.log.edges(double %x, double %y)
  ret double %log
}

; k·log₁₀ 2 + log m/ln 10, log₁₀ 2 in two parts, the first of 42 bits
define internal double @vector.log10(double %x) alwaysinline nounwind {
  %parts = call { double, double } @vector.split(double %x)
  %m = extractvalue { double, double } %parts, 0
  %k = extractvalue { double, double } %parts, 1
  %near = call double @vector.log.near(double %m, double 0.0)
  %tail = fmul double %k, 0x3D1FEF311F12B358
  %small = call double @vector.fma(double %near, double 0x3FDBCB7B1526E50E, double %tail)
  %y = call double @vector.fma(double %k, double 0x3FD34413509F7800, double %small)
  %log = call double @vector.log.edges(double %x, double %y)
  ret double %log
}

; log u + c/u, u = 1 + x rounded and c what the rounding lost; −0 stays −0
define internal double @vector.log1p(double %x) alwaysinline nounwind {
  %u = fadd double %x, 1.0
  %large = fcmp oge double %x, 1.0
  %less = fsub double %u, 1.0
  %lost = fsub double %x, %less
  %back = fsub double %u, %x
  %lost.one = fsub double 1.0, %back
  %c = select i1 %large, double %lost.one, double %lost
  %first = call double @vector.log(double %u)
  %ratio = fdiv double %c, %u
  %y = fadd double %first, %ratio
  %above = fcmp ogt double %x, -1.0
  %finite = fcmp olt double %x, 0x7FF0000000000000
  %inside = and i1 %above, %finite
  %found = select i1 %inside, double %y, double %first
  %zero = fcmp oeq double %x, 0.0
  %z = select i1 %zero, double %x, double %found
  ret double %z
}

; erf x for |x| < 1: x + x·q(x²), the polynomial q, of degree 12, is erf(x)/x − 1
define internal double @vector.erf.near(double %x) alwaysinline nounwind {
  %z = fmul double %x, %x
  %zz = fmul double %z, %z
  %a.even5 = call double @vector.fma(double 0x3DD05FCCB83CF37B, double %zz, double 0x3E4F7B46724DE981)
  %a.even4 = call double @vector.fma(double %a.even5, double %zz, double 0x3EBB9DF216542643)
  %a.even3 = call double @vector.fma(double %a.even4, double %zz, double 0x3F1F9A321D4DAB9D)
  %a.even2 = call double @vector.fma(double %a.even3, double %zz, double 0x3F7565BCD0DBA7CE)
  %a.even1 = call double @vector.fma(double %a.even2, double %zz, double 0x3FBCE2F21A042B2F)
  %a.even0 = call double @vector.fma(double %a.even1, double %zz, double 0x3FC06EBA8214DB69)
  %a.odd4 = call double @vector.fma(double 0xBE1389C36BA235E9, double %zz, double 0xBE85F1EC38082BDC)
  %a.odd3 = call double @vector.fma(double %a.odd4, double %zz, double 0xBEEF4D1E306E0024)
  %a.odd2 = call double @vector.fma(double %a.odd3, double %zz, double 0xBF4C02DB3DABCED8)
  %a.odd1 = call double @vector.fma(double %a.odd2, double %zz, double 0xBF9B82CE31284DF1)
  %a.odd0 = call double @vector.fma(double %a.odd1, double %zz, double 0xBFD812746B0379E6)
  %a = call double @vector.fma(double %a.odd0, double %z, double %a.even0)
  %near = call double @vector.fma(double %x, double %a, double %x)
  ret double %near
}

; above 1 1 − e^−x²·q(s), s = (|x| − 2)/(|x| + 2), where q, of degree 15, is e^x²·erfc(|x|), with the sign of x; from |x| = 6 on that
; is 1
define internal double @vector.erf(double %x) alwaysinline nounwind {
  %near = call double @vector.erf.near(double %x)
  %size = call double @llvm.fabs.f64(double %x)
  %high = fcmp ogt double %size, 6.0
  %y = select i1 %high, double 6.0, double %size
  %above = fsub double %y, 2.0
  %below = fadd double %y, 2.0
  %s = fdiv double %above, %below
  %ss = fmul double %s, %s
  %b.even6 = call double @vector.fma(double 0x3ED1640EDD9E223D, double %ss, double 0xBEEDB57ED0F1C283)
  %b.even5 = call double @vector.fma(double %b.even6, double %ss, double 0x3EFCE62D05252D06)
  %b.even4 = call double @vector.fma(double %b.even5, double %ss, double 0x3F06D589C869E092)
  %b.even3 = call double @vector.fma(double %b.even4, double %ss, double 0xBF4BC25A010847BE)
  %b.even2 = call double @vector.fma(double %b.even3, double %ss, double 0x3F6E9471591B7446)
  %b.even1 = call double @vector.fma(double %b.even2, double %ss, double 0x3FCEEEA7DC8A7BB2)
  %b.even0 = call double @vector.fma(double %b.even1, double %ss, double 0x3FD058671B52C775)
  %b.odd6 = call double @vector.fma(double 0xBE8DE7CB807E82E6, double %ss, double 0x3EBF322E0892648E)
  %b.odd5 = call double @vector.fma(double %b.odd6, double %ss, double 0xBEFCFBC05A3F041A)
  %b.odd4 = call double @vector.fma(double %b.odd5, double %ss, double 0x3F26DAB5FDD60B62)
  %b.odd3 = call double @vector.fma(double %b.odd4, double %ss, double 0xBF5016B5E511A3F0)
  %b.odd2 = call double @vector.fma(double %b.odd3, double %ss, double 0x3F7CA95ED532B303)
  %b.odd1 = call double @vector.fma(double %b.odd2, double %ss, double 0xBFB437F0B68C0663)
  %b.odd0 = call double @vector.fma(double %b.odd1, double %ss, double 0xBFDB57034EFD3F74)
  %b = call double @vector.fma(double %b.odd0, double %s, double %b.even0)
  %square = fmul double %y, %y
  %exponent = fneg double %square
  %bell = call double @vector.exp(double %exponent)
  %tail = fmul double %bell, %b
  %rest = fsub double 1.0, %tail
  %far = call double @llvm.copysign.f64(double %rest, double %x)
  %small = fcmp olt double %size, 1.0
  %found = select i1 %small, double %near, double %far
  ret double %found
}

; y, where an infinity that comes of a number is an OverflowError
define internal double @rows.bounded(ptr %e, double %x, double %y) alwaysinline nounwind {
  %size = call double @llvm.fabs.f64(double %x)
  %finite = fcmp one double %size, 0x7FF0000000000000
  %large = call double @llvm.fabs.f64(double %y)
  %infinite = fcmp oeq double %large, 0x7FF0000000000000
  %over = and i1 %infinite, %finite
  %old = load i32, ptr %e
  %none = icmp eq i32 %old, 0
  %now = and i1 %over, %none
  %new = select i1 %now, i32 3, i32 %old
  store i32 %new, ptr %e
  ret double %y
}

; aᵇ, for b = −1, 2 or 3 by division and products; where b is written in the code, one of the branches is left of it
define internal double @rows.pow(ptr %e, double %a, double %b) alwaysinline nounwind {
  %is.square = fcmp oeq double %b, 2.0
  br i1 %is.square, label %square, label %no.square
square:
  %aa = fmul double %a, %a
  %second = call double @rows.bounded(ptr %e, double %a, double %aa)
  ret double %second
no.square:
  %is.cube = fcmp oeq double %b, 3.0
  br i1 %is.cube, label %cube, label %no.cube
cube:
  %twice = fmul double %a, %a
  %aaa = fmul double %twice, %a
  %third = call double @rows.bounded(ptr %e, double %a, double %aaa)
  ret double %third
no.cube:
  %is.inverse = fcmp oeq double %b, -1.0
  br i1 %is.inverse, label %inverse, label %other
inverse:
  %over = fdiv double 1.0, %a
  %first = call double @rows.bounded(ptr %e, double %a, double %over)
  ret double %first
other:
  %y = call double @rows.power(ptr %e, double %a, double %b)
  ret double %y
}
